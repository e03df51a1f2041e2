# Reads the envelopes that `kcat -J` prints; writes what each changes.
# Run with: jq --null-input --compact-output --unbuffered --from-file newest_entities.jq

# The headers of an envelope: kcat lists names and values in turn.
def headers: [(.headers // []) as $list | range(0; $list | length; 2) | {($list[.]): $list[. + 1]}] | add // {};

# The origin that a record or a tombstone names; null if a tombstone names none.
def version($value; $headers):
  if $value != null then $value.origin | {partition, offset, timestamp_ms}
  elif $headers | has("tagwire-source-partition") and has("tagwire-source-offset") and has("tagwire-source-timestamp-ms")
  then $headers | {
    partition: (.["tagwire-source-partition"] | tonumber),
    offset: (.["tagwire-source-offset"] | tonumber),
    timestamp_ms: (.["tagwire-source-timestamp-ms"] | tonumber)
  }
  else null end;

# Offsets in one partition, times in different ones.
def older($one; $other):
  if $one.partition == $other.partition then $one.offset < $other.offset
  else $one.timestamp_ms < $other.timestamp_ms end;

foreach inputs as $envelope ({held: {}};
  ($envelope.payload // null | if type == "string" and length > 0 then fromjson else null end) as $value
  | version($value; $envelope | headers) as $version
  | ($value | if . then [.content_hash, .fingerprint] else null end) as $content
  | .held[$envelope.key] as $before
  | .change = null
  | if $before and $version and older($version; $before.version) then .
    else
      (if $version or $before
       then .held[$envelope.key] = {version: ($version // $before.version), content: $content}
       else . end)
      | if ($before.content // null) == $content then .
        elif $value then .change = {document_id: $envelope.key}
          + ($value | {entities} + if .groups then {groups} else {} end)
        else .change = {document_id: $envelope.key, deleted: true} end
    end;
  .change // empty)
