// Let touchpoints count again that were replaced and that a load brought again
// Answers: how many, some at a time.
// Parameters:
//   $batch_id  text: the load, e.g. '01f0'
//   $limit  integer: how many at once, e.g. 10000
:params {batch_id: '01f0', limit: 10000};
MATCH (c:Customer)-[:MADE]->(t:Touchpoint|SetAside)
WHERE t.confirmed_by = $batch_id AND t.traffic = 'replaced'
WITH c, t LIMIT $limit
SET t.traffic = t.traffic_before, t.traffic_rule = t.traffic_rule_before, c:Unthreaded
REMOVE t.traffic_before, t.traffic_rule_before
RETURN count(t) AS touchpoints
