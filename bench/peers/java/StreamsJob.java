import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/** The job on Kafka Streams: both stores in memory, both with a changelog, the cells' one cached. */
public final class StreamsJob {
    private static final CountDownLatch done = new CountDownLatch(1);

    private static final class Folding implements Processor<byte[], byte[], Void, Void> {
        private final long events;
        private KeyValueStore<byte[], byte[]> issues;
        private KeyValueStore<Integer, byte[]> cells;
        private ProcessorContext<Void, Void> context;

        Folding(long events) {
            this.events = events;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            this.context = context;
            issues = context.getStateStore("issues");
            cells = context.getStateStore("cells");
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Job.Event event;
            try {
                event = Job.read(record.value());
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
            byte[] state = Job.fold(issues.get(record.key()), event);
            if (state != null) {
                issues.put(record.key(), state);
                int cell = Job.cell(state);
                byte[] row = cells.get(cell);
                row = row == null ? new byte[4 * Job.KINDS] : row.clone();
                add(row, event.kind);
                cells.put(cell, row);
            }
            if (Job.worked() == events) {
                context.commit();
                done.countDown();
            }
        }
    }

    private static void add(byte[] row, int kind) {
        for (int at = 4 * kind + 3; ++row[at] == 0; at--) { }
    }

    private static int count(byte[] row, int kind) {
        int at = 4 * kind;
        return (row[at] & 255) << 24 | (row[at + 1] & 255) << 16 | (row[at + 2] & 255) << 8 | row[at + 3] & 255;
    }

    /** Arguments: servers, topic, events, guarantee, threads, folder, application's id. */
    public static void main(String[] arguments) throws InterruptedException {
        long events = Long.parseLong(arguments[2]);
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[3]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[4]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, arguments[6]);
        settings.put("auto.offset.reset", "earliest");
        Topology topology = new Topology();
        topology.addSource("requests", Serdes.ByteArray().deserializer(), Serdes.ByteArray().deserializer(), arguments[1]);
        topology.addProcessor("folding", () -> new Folding(events), "requests");
        topology.addStateStore(
            Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore("issues"), Serdes.ByteArray(), Serdes.ByteArray()),
            "folding");
        topology.addStateStore(
            Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("cells"), Serdes.Integer(), Serdes.ByteArray())
                .withCachingEnabled(),
            "folding");
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        done.await();
        // What the last commit holds is in the stores; the cache above them is flushed by it.
        Thread.sleep(2_000);
        Map<Integer, int[]> table = new TreeMap<>();
        var cells = streams.store(StoreQueryParameters.fromNameAndType(
            "cells", QueryableStoreTypes.<Integer, byte[]>keyValueStore()));
        try (var all = cells.all()) {
            all.forEachRemaining(cell -> {
                int[] row = table.computeIfAbsent(cell.key, key -> new int[Job.KINDS]);
                for (int kind = 0; kind < Job.KINDS; kind++) row[kind] += count(cell.value, kind);
            });
        }
        streams.close();
        Job.print(table);
    }
}
