package dev.lamina.image;

import java.io.IOException;

/**
 * Thrown when an image, or a part of one, cannot be used. The message is shown to the user: it says
 * which part it is and what is wrong with it.
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
