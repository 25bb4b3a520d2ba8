package dev.lamina.fuse;

import java.util.List;

/**
 * What a transport mounts.
 *
 * @param mountPoint absolute path of an existing directory, as bytes
 * @param source what the mount table shows as the device
 * @param options generic mount options such as {@code ro}, {@code suid}, {@code dev}, in the words
 *     of mount(8); the transport adds its own ({@code allow_other}, {@code default_permissions})
 */
public record MountRequest(byte[] mountPoint, String source, List<String> options) {}
