// Put customers into a household
// Answers: how many were put there. They stay the customers they are; who is in a household already stays there.
// Parameters:
//   $household_id  text: the household, e.g. 'h-1'
//   $members  list of maps {customer_id, confidence, evidence}
//   $run  text: the run that found them, e.g. '01f0'
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
:params {household_id: 'h-1', members: [{customer_id: 'ann', confidence: 0.97, evidence: 'same house'}], run: '01f0', at: datetime('2026-01-31T12:00:00Z')};
MERGE (h:Household {household_id: $household_id})
WITH h
CALL (h) {
  UNWIND $members AS member
  MATCH (c:Customer {customer_id: member.customer_id})
  WHERE NOT EXISTS { (c)-[:LIVES_IN]->() }
  CREATE (c)-[:LIVES_IN {confidence: member.confidence, evidence: member.evidence, run: $run, found_at: $at}]->(h)
  RETURN count(*) AS housed
}
// What was read of households before is no answer any more.
OPTIONAL MATCH (rules:Configuration {name: 'journeys'})
WITH housed, rules, rules.revision AS before
SET rules.step_graph_revision = CASE WHEN rules.step_graph_revision = before THEN before + 1 ELSE rules.step_graph_revision END,
    rules.revision = before + 1
RETURN housed
