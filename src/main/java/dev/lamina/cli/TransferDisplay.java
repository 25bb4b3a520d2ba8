package dev.lamina.cli;

import dev.lamina.image.Descriptor;
import dev.lamina.image.Digest;
import dev.lamina.image.Progress;
import dev.lamina.sys.Terminal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Shows on standard error the progress of transfers. On a terminal, a line for each and one for all
 * of them are redrawn as they proceed; elsewhere, a line is printed when a transfer is complete.
 */
public final class TransferDisplay implements Progress, AutoCloseable {
  private static final long PERIOD_NANOS = 200_000_000;
  private static final int STANDARD_ERROR = 2;
  private static final int USUAL_WIDTH = 80;
  private static final int BAR = 24;
  private static final int MOST_LINES = 12;

  private static final class Transfer {
    final long size;
    final long started = System.nanoTime();
    long position;
    boolean finished;

    Transfer(long size) {
      this.size = size;
    }
  }

  private final boolean terminal = Terminal.isTerminal(STANDARD_ERROR);
  private final Map<Digest, Transfer> transfers = new LinkedHashMap<>();
  private final long started = System.nanoTime();
  private long drawn;
  private int lines;
  private boolean closed;

  @Override
  public synchronized void started(Descriptor contents) {
    transfers.put(contents.digest(), new Transfer(contents.size()));
    draw(false);
  }

  @Override
  public synchronized void reached(Descriptor contents, long position) {
    Transfer transfer = transfers.get(contents.digest());
    if (transfer != null) {
      transfer.position = position;
      draw(false);
    }
  }

  @Override
  public synchronized void finished(Descriptor contents) {
    Transfer transfer = transfers.get(contents.digest());
    if (transfer == null || closed) {
      return;
    }
    transfer.finished = true;
    if (terminal) {
      draw(true);
      return;
    }
    String done =
        transfer.position == 0
            ? "already exists"
            : Table.size(transfer.position) + " in " + seconds(transfer.started);
    Console.ERR.println(contents.digest().abbreviated() + ": " + done);
  }

  private static String seconds(long since) {
    return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1_000_000_000.0);
  }

  private void draw(boolean now) {
    long time = System.nanoTime();
    if (!terminal || closed || !now && time - drawn < PERIOD_NANOS) {
      return;
    }
    drawn = time;
    StringBuilder text = new StringBuilder();
    if (lines > 0) {
      text.append("\u001b[").append(lines).append('A');
    }
    lines = 0;
    long done = 0;
    long all = 0;
    int width = width();
    for (Map.Entry<Digest, Transfer> entry : transfers.entrySet()) {
      Transfer transfer = entry.getValue();
      done += transfer.finished ? transfer.size : transfer.position;
      all += transfer.size;
      if (lines < MOST_LINES) {
        line(text, entry.getKey().abbreviated() + " " + state(transfer), width);
      }
    }
    double rate = done / Math.max((time - started) / 1e9, 1e-3);
    String left =
        rate < 1 ? "" : String.format(Locale.ROOT, ", %d s left", (long) ((all - done) / rate));
    line(
        text,
        Table.size(done) + " of " + Table.size(all) + ", " + Table.size((long) rate) + "/s" + left,
        width);
    Console.ERR.print(text);
    Console.ERR.flush();
  }

  private void line(StringBuilder text, String line, int width) {
    text.append("\r\u001b[K").append(line, 0, Math.min(line.length(), width)).append('\n');
    lines++;
  }

  private static int width() {
    int[] size = Terminal.size(STANDARD_ERROR);
    return size == null || size[1] == 0 ? USUAL_WIDTH : size[1];
  }

  private static String state(Transfer transfer) {
    if (transfer.finished) {
      return transfer.position == 0 ? "already exists" : "done      " + Table.size(transfer.size);
    }
    int filled =
        transfer.size == 0 ? 0 : (int) Math.min(BAR, BAR * transfer.position / transfer.size);
    return "["
        + "=".repeat(filled)
        + " ".repeat(BAR - filled)
        + "] "
        + Table.size(transfer.position)
        + " of "
        + Table.size(transfer.size);
  }

  @Override
  public void close() {
    end();
  }

  /** Draws the final state. What is printed afterwards is not overwritten. */
  synchronized void end() {
    if (!closed && !transfers.isEmpty()) {
      draw(true);
    }
    closed = true;
  }
}
