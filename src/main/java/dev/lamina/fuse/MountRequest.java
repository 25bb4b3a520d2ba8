package dev.lamina.fuse;

import java.util.List;

/**
 * What a transport mounts.
 *
 * @param mountPoint absolute path of an existing directory, as bytes
 * @param source what the mount table shows as the device
 * @param options {@link GenericOptions} only; the transport adds its own ({@code allow_other},
 *     {@code default_permissions})
 */
public record MountRequest(byte[] mountPoint, String source, List<String> options) {}
