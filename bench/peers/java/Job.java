import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The job as both Java programs do it: an event is read, and folded into the packed state of its issue. */
final class Job {
    static final int CELLS = 1_000;
    static final int SERVICES = 50;
    static final int KINDS = 4;
    private static final JsonFactory JSON = new JsonFactory();

    static final AtomicLong events = new AtomicLong();
    static final AtomicLong first = new AtomicLong();
    static volatile long last;

    /** What the job needs of an event. */
    static final class Event {
        int kind;
        long id;
        int service = -1;
        int area = -1;
    }

    static Event read(byte[] json) throws IOException {
        Event event = new Event();
        try (JsonParser parser = JSON.createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() != JsonToken.FIELD_NAME) continue;
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "type" -> event.kind = kind(parser.getText());
                    case "id" -> event.id = Long.parseUnsignedLong(parser.getText(), 16);
                    case "service" -> event.service = Integer.parseInt(parser.getText().substring(1));
                    case "area" -> event.area = Integer.parseInt(parser.getText().substring(1));
                    default -> { }
                }
            }
        }
        return event;
    }

    private static int kind(String type) {
        return switch (type) {
            case "livelihood.request.submitted" -> 0;
            case "livelihood.request.accepted" -> 1;
            case "livelihood.request.commented" -> 2;
            case "livelihood.request.resolved" -> 3;
            default -> throw new IllegalArgumentException(type);
        };
    }

    /** The state after the event: two bytes of cell, one of status, eight of each id; null for a repeat. */
    static byte[] fold(byte[] state, Event event) {
        int length = state == null ? 3 : state.length;
        for (int at = 3; at < length; at += 8) {
            if (getLong(state, at) == event.id) return null;
        }
        byte[] folded = state == null ? new byte[11] : Arrays.copyOf(state, length + 8);
        if (event.kind == 0) {
            int cell = event.area * SERVICES + event.service;
            folded[0] = (byte) (cell >> 8);
            folded[1] = (byte) cell;
        }
        folded[2] = (byte) Math.max(folded[2], event.kind);
        for (int shift = 56, at = length; shift >= 0; shift -= 8) folded[at++] = (byte) (event.id >> shift);
        return folded;
    }

    static int cell(byte[] state) {
        return (state[0] & 255) << 8 | state[1] & 255;
    }

    private static long getLong(byte[] bytes, int at) {
        long value = 0;
        for (int end = at + 8; at < end; at++) value = value << 8 | bytes[at] & 255;
        return value;
    }

    /** Count an event that was worked on; how many there were. */
    static long worked() {
        long count = events.incrementAndGet();
        long now = System.nanoTime();
        if (count == 1) first.set(now);
        last = now;
        return count;
    }

    /** The last line of standard output: how long it took, and the table. */
    static void print(Map<Integer, int[]> table) {
        StringBuilder json = new StringBuilder("{\"seconds\":" + (last - first.get()) / 1e9 + ",\"table\":{");
        String comma = "";
        for (var cell : table.entrySet()) {
            json.append(comma).append("\"s").append(cell.getKey() % SERVICES).append("/a")
                .append(cell.getKey() / SERVICES).append("\":").append(Arrays.toString(cell.getValue()));
            comma = ",";
        }
        System.out.println(json.append("}}"));
    }
}
