// All that is known of one event, from whatever source
// Answers: the touchpoint and those that are the same event, each with its lineage (source, load, file, line), as what and by
// which rule it is set aside, or null where it counts.
// Parameters:
//   $touchpoint_id  text: any of them, e.g. 't1'
:params {touchpoint_id: 't1'};
MATCH (asked:Touchpoint|SetAside {touchpoint_id: $touchpoint_id})
OPTIONAL MATCH (asked)-[:SAME_EVENT_AS]->(other)
WITH coalesce(other, asked) AS stays
MATCH (t)-[:SAME_EVENT_AS*0..1]->(stays)
MATCH (c:Customer)-[:MADE]->(t)
OPTIONAL MATCH (f:File {batch_id: t.batch_id, number: t.file_number})
OPTIONAL MATCH (t)-[same:SAME_EVENT_AS]->(stays)
RETURN t.touchpoint_id AS touchpoint_id, c.customer_id AS customer_id, t.step AS step, t.occurred_at AS occurred_at,
       t.source AS source, t.batch_id AS batch_id, f.name AS file, t.line AS line, t.value AS value,
       t.set_aside_as AS set_aside_as, t.set_aside_by AS set_aside_by,
       CASE WHEN same IS NULL THEN null ELSE stays.touchpoint_id END AS same_event_as, same.seconds AS seconds_apart,
       t.kept IS NOT NULL AS kept, t.p_imputed AS imputed
ORDER BY same_event_as IS NOT NULL, t.occurred_at_us, touchpoint_id
