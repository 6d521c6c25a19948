// Write down a run that looked for customers who are one person
// Answers: nothing.
// Parameters:
//   $run  text: the run, e.g. '01f0'
//   $at  instant: what was stored by then was looked at, e.g. datetime('2026-01-31T12:00:00Z')
//   $model  text or null: what it learnt, as JSON
:params {run: '01f0', at: datetime('2026-01-31T12:00:00Z'), model: null};
MERGE (run:IdentityRun {name: 'last'})
SET run.run = $run, run.at = $at, run.model = $model
