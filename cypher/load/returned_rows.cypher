// Let touchpoints count again that were replaced by the load that put their newer version in quarantine
// Answers: how many; of the others nothing is changed.
// Parameters:
//   $rows  list of lists: id of a touchpoint, and the rule by which it was replaced, e.g. [['t1', 'replaced by load 01f0']]
:params {rows: [['t1', 'replaced by load 01f0']]};
UNWIND $rows AS row
MATCH (c:Customer)-[:MADE]->(t:Touchpoint|SetAside {touchpoint_id: row[0]})
WHERE t.traffic = 'replaced' AND t.traffic_rule = row[1]
SET t.traffic = t.traffic_before, t.traffic_rule = t.traffic_rule_before, c:Unthreaded
REMOVE t.traffic_before, t.traffic_rule_before
RETURN count(t) AS touchpoints
