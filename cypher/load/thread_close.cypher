// Close open journeys whose window has passed
// Answers: how many journeys were closed, now lost; with them the sessions that waited for their outcome.
// Parameters:
//   $before  instant: an open journey that ended before it is lost, e.g. datetime('2026-01-01T00:00:00Z')
//   $page  integer: how many journeys at once, e.g. 10000
:params {before: datetime('2026-01-01T00:00:00Z'), page: 10000};
MATCH (j:Journey {outcome: 'open'})
WHERE j.ended_at < $before
WITH j LIMIT $page
SET j.outcome = 'lost'
WITH j
CALL (j) {
  MATCH (s:Session {journey_id: j.journey_id, outcome: 'open'})
  SET s.outcome = 'lost'
}
RETURN count(j) AS closed
