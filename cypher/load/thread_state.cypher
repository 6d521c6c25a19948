// Whether anything is left to thread
// Answers: how many customers carry the mark, and whether the step graph shows the journeys as they are.
// Parameters:
OPTIONAL MATCH (rules:Configuration {name: 'journeys'})
RETURN COUNT { (:Customer:Unthreaded) } AS pending,
       coalesce(rules.revision = rules.step_graph_revision, rules.revision IS NULL) AS fresh
