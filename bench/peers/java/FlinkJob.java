import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The job on Flink: states on the heap or in RocksDB, exactly-once checkpoints to the local disk each second. */
public final class FlinkJob {
    private static final TypeInformation<byte[]> BYTES = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
    private static final Map<Integer, int[]> table = new ConcurrentSkipListMap<>();

    /** The key tells the issue, so that nothing is parsed before it is where its state is. */
    private static final class Keyed implements KafkaRecordDeserializationSchema<Tuple2<String, byte[]>> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Tuple2<String, byte[]>> out) {
            out.collect(Tuple2.of(new String(record.key(), java.nio.charset.StandardCharsets.US_ASCII), record.value()));
        }

        @Override
        public TypeInformation<Tuple2<String, byte[]>> getProducedType() {
            return Types.TUPLE(Types.STRING, BYTES);
        }
    }

    /** Each parallel part keeps its share of the table beside its issues, in the same checkpoint. */
    private static final class Folding extends KeyedProcessFunction<String, Tuple2<String, byte[]>, Void>
            implements CheckpointedFunction {
        private transient ValueState<byte[]> issue;
        private transient ListState<int[]> stored;
        private transient int[] counts;

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            issue = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("issue", BYTES));
            stored = context.getOperatorStateStore().getListState(new ListStateDescriptor<>(
                "counts", PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO));
            counts = new int[Job.CELLS * Job.KINDS];
            for (int[] some : stored.get()) for (int at = 0; at < some.length; at++) counts[at] += some[at];
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            stored.update(java.util.List.of(counts.clone()));
        }

        @Override
        public void processElement(Tuple2<String, byte[]> record, Context context, Collector<Void> out)
                throws Exception {
            Job.Event event = Job.read(record.f1);
            byte[] state = Job.fold(issue.value(), event);
            if (state != null) {
                issue.update(state);
                counts[Job.cell(state) * Job.KINDS + event.kind]++;
            }
            Job.worked();
        }

        @Override
        public void close() {
            for (int at = 0; at < counts.length; at++) {
                if (counts[at] == 0) continue;
                int[] row = table.computeIfAbsent(at / Job.KINDS, cell -> new int[Job.KINDS]);
                synchronized (row) {
                    row[at % Job.KINDS] += counts[at];
                }
            }
        }
    }

    /** Arguments: servers, topic, parallelism, folder, where states are (hashmap or rocksdb). */
    public static void main(String[] arguments) throws Exception {
        Configuration settings = new Configuration();
        settings.setString("state.backend.type", arguments[4]);
        settings.setString("execution.checkpointing.interval", "1s");
        settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
        settings.setString("execution.checkpointing.dir", "file://" + arguments[3]);
        settings.setString("pipeline.object-reuse", "true");
        settings.setString("pipeline.max-parallelism", "128");
        int parallelism = Integer.parseInt(arguments[2]);
        StreamExecutionEnvironment flink = StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings);
        KafkaSource<Tuple2<String, byte[]>> requests = KafkaSource.<Tuple2<String, byte[]>>builder()
            .setBootstrapServers(arguments[0])
            .setTopics(arguments[1])
            .setGroupId("flink-" + parallelism + "-" + arguments[1])
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .setDeserializer(new Keyed())
            .build();
        flink.fromSource(requests, WatermarkStrategy.noWatermarks(), "requests")
            .keyBy(record -> record.f0)
            .process(new Folding(), Types.VOID)
            .sinkTo(new DiscardingSink<>());
        flink.execute();
        Job.print(table);
    }
}
