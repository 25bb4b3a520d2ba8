package dev.lamina.image;

import java.io.IOException;

/**
 * An image, or a part of one, that cannot be used. The message is for the user: which part, and
 * what is wrong with it.
 */
public class ImageException extends IOException {
  private static final long serialVersionUID = 1;

  public ImageException(String message) {
    super(message);
  }

  public ImageException(String message, Throwable cause) {
    super(message, cause);
  }
}
