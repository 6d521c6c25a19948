// Note which state of the journeys the step graph shows
// Answers: nothing; where journeys have changed since, the step graph stays known to be out of date.
// Parameters:
//   $revision  integer or null: the revision that was read before the journeys were, e.g. 7; null: the present one
:params {revision: 7};
MATCH (rules:Configuration {name: 'journeys'})
SET rules.step_graph_revision = coalesce($revision, rules.revision)
