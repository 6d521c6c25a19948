// Values beyond 10^12, which loads refuse, count no more where a former load stored them
// Answers: nothing; a migration (docs/adr/0002-migrations.md). Never edited once released: a change is a new file. A value
// stays with its touchpoint, as value_out_of_range.
MATCH (s:Session)-[:INCLUDES]->(big:Touchpoint)
WHERE abs(big.value) > 1e12 AND s.value IS NOT NULL
WITH DISTINCT s
OPTIONAL MATCH (rules:Configuration {name: 'journeys'})
MATCH (s)-[member:INCLUDES]->(t:Touchpoint)
WITH s, rules, t ORDER BY member.position
WITH s, collect(CASE WHEN t.step IN coalesce(rules.goals, ['purchase']) AND abs(t.value) <= 1e12 THEN t.value END) AS known
SET s.value = CASE WHEN size(known) > 0 THEN reduce(total = 0.0, value IN known | total + value) END;
MATCH (j:Journey)
WHERE abs(j.value) > 1e12
REMOVE j.value;
MATCH (t:Touchpoint|SetAside)
WHERE abs(t.value) > 1e12
SET t.value_out_of_range = t.value
REMOVE t.value;
MATCH (rules:Configuration {name: 'journeys'})
SET rules.revision = rules.revision + 1, rules.step_graph_revision = rules.step_graph_revision + 1;
