// Note of near-duplicates which touchpoint is the same event
// Answers: how many were noted.
// Parameters:
//   $rows  list of lists: touchpoint_id of one that is set aside, touchpoint_id of the one that stays, microseconds between
:params {rows: [['t2', 't1', 1000000]]};
UNWIND $rows AS row
MATCH (t:SetAside {touchpoint_id: row[0]})
MATCH (stays:Touchpoint|SetAside {touchpoint_id: row[1]})
CREATE (t)-[:SAME_EVENT_AS {seconds: row[2] / 1e6}]->(stays)
RETURN count(t) AS linked
