package dev.lamina.mount;

import dev.lamina.image.Platform;
import dev.lamina.image.layer.UnpackLimits;
import java.nio.file.Path;
import java.util.List;

/**
 * Says which image is to be mounted, and how.
 *
 * @param storeRoot the store that the image is in, or is pulled into
 * @param image a name in the store, or what can be pulled
 * @param name of the mount; null for one made from the mount point
 * @param mustBeNew whether a mount of that name is an error instead of being taken up again
 * @param upper the directory for changes; null for one in the store
 * @param work on the same file system as {@code upper}; null for one beside it
 * @param isReadOnly whether there is no upper at all
 * @param platform null for this machine's
 * @param limits of layers that have to be unpacked
 * @param pullCommand arguments of the command that pulls the image if necessary, and prints the
 *     digest of its manifest
 */
public record ImageMountRequest(
    Path storeRoot,
    String image,
    String name,
    boolean mustBeNew,
    Path upper,
    Path work,
    boolean isReadOnly,
    Platform platform,
    UnpackLimits limits,
    List<String> pullCommand) {}
