import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints the documents whose entities are new, changed or deleted, as JSON lines.
 *
 * <p>{@code java -cp "$KAFKA_HOME/libs/*" NewestEntities.java BOOTSTRAP TOPIC [--exit-at-end]}
 */
public class NewestEntities {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where a document was on the topic documents. */
    record Version(int partition, long offset, long timestampMs) {
        /** Compares offsets in one partition, times in different ones. */
        boolean isOlderThan(Version other) {
            return partition == other.partition
                    ? offset < other.offset
                    : timestampMs < other.timestampMs;
        }
    }

    /** What is held of a document; {@code content} is null once it is deleted. */
    record Held(Version version, String content) {}

    private final Map<String, Held> held = new HashMap<>();

    /** Returns what a record changes; null if it is older, or says nothing new. */
    ObjectNode take(ConsumerRecord<String, String> record) throws Exception {
        JsonNode value = record.value() == null ? null : JSON.readTree(record.value());
        Version version = versionOf(record, value);
        String content =
                value == null
                        ? null
                        : value.get("content_hash").asText() + value.get("fingerprint").asText();
        Held before = held.get(record.key());
        if (before != null && version != null && version.isOlderThan(before.version())) {
            return null;
        }
        if (version != null || before != null) {
            held.put(
                    record.key(),
                    new Held(version == null ? before.version() : version, content));
        }
        if (Objects.equals(before == null ? null : before.content(), content)) {
            return null;
        }
        ObjectNode change = JSON.createObjectNode().put("document_id", record.key());
        if (value == null) {
            return change.put("deleted", true);
        }
        change.set("entities", value.get("entities"));
        return value.has("groups") ? change.set("groups", value.get("groups")) : change;
    }

    /** Returns the origin that a record or a tombstone names; null if a tombstone names none. */
    static Version versionOf(ConsumerRecord<String, String> record, JsonNode value) {
        if (value != null) {
            JsonNode origin = value.get("origin");
            return new Version(
                    origin.get("partition").asInt(),
                    origin.get("offset").asLong(),
                    origin.get("timestamp_ms").asLong());
        }
        Long partition = source(record, "partition");
        Long offset = source(record, "offset");
        Long timestampMs = source(record, "timestamp-ms");
        if (partition == null || offset == null || timestampMs == null) {
            return null;
        }
        return new Version(partition.intValue(), offset, timestampMs);
    }

    private static Long source(ConsumerRecord<String, String> record, String name) {
        Header header = record.headers().lastHeader("tagwire-source-" + name);
        return header == null
                ? null
                : Long.valueOf(new String(header.value(), StandardCharsets.UTF_8));
    }

    public static void main(String[] args) throws Exception {
        Map<String, Object> options =
                Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed");
        boolean exitAtEnd = Arrays.asList(args).contains("--exit-at-end");
        NewestEntities newest = new NewestEntities();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(options, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(args[1]).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!exitAtEnd
                    || partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    ObjectNode change = newest.take(record);
                    if (change != null) {
                        System.out.println(change);
                    }
                }
            }
        }
    }
}
