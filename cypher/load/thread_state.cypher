// Whether anything is left to thread
// Answers: how many customers carry the mark, the revision, the one that the step graph shows, and whether
// these are the same: the step graph then shows the journeys as they are.
// Parameters:
OPTIONAL MATCH (rules:Configuration {name: 'journeys'})
RETURN COUNT { (:Customer:Unthreaded) } AS pending, rules.revision AS revision, rules.step_graph_revision AS shown,
       coalesce(rules.revision = rules.step_graph_revision, rules.revision IS NULL) AS fresh
