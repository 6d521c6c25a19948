// Take back that customers live together
// Answers: how many were in the household. Unless it is to be forgotten, it stays on record that they were, so that no run
// puts the same two together again.
// Parameters:
//   $household_id  text: the household, e.g. 'h-1'
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
//   $forget  boolean: whether to leave no record
:params {household_id: 'h-1', at: datetime('2026-01-31T12:00:00Z'), forget: false};
MATCH (h:Household {household_id: $household_id})
WHERE EXISTS { (h)<-[:LIVES_IN]-() }
CALL (h) {
  MATCH (c)-[lives:LIVES_IN]->(h)
  WITH c, h, lives, properties(lives) AS told
  DELETE lives
  FOREACH (_ IN CASE WHEN $forget THEN [] ELSE [1] END |
    CREATE (c)-[lived:LIVED_IN]->(h)
    SET lived = told, lived.undone_at = $at)
  RETURN count(*) AS people
}
CALL (h) {
  WITH h
  WHERE NOT EXISTS { (h)--() }
  DELETE h
}
OPTIONAL MATCH (rules:Configuration {name: 'journeys'})
WITH people, rules, rules.revision AS before
SET rules.step_graph_revision = CASE WHEN rules.step_graph_revision = before THEN before + 1 ELSE rules.step_graph_revision END,
    rules.revision = before + 1
RETURN people
