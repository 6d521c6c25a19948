// Which touchpoints are set aside
// Answers: as what, by which rule and of which source, how many, of how many customers, and some of their ids.
// Parameters:
//   $examples  integer: how many ids at most, e.g. 5
:params {examples: 5};
MATCH (c:Customer)-[:MADE]->(t:SetAside)
WITH t.set_aside_as AS set_aside_as, t.set_aside_by AS set_aside_by, t.source AS source, c, t
ORDER BY t.touchpoint_id
RETURN set_aside_as, set_aside_by, source, count(t) AS touchpoints, count(DISTINCT c) AS customers,
       collect(t.touchpoint_id)[..$examples] AS examples
ORDER BY set_aside_as, set_aside_by, source
