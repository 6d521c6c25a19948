// Who follows up which finding
// Answers: the latest owner and note of each finding that has one, with its time.
// Parameters:
//   $known_at  text, an ISO 8601 instant, or null: only what was noted by then, e.g. null
:params {known_at: null};
MATCH (f:FollowUp)
WHERE $known_at IS NULL OR f.noted_at <= datetime($known_at)
WITH f ORDER BY f.noted_at DESC
WITH f.finding_id AS finding_id, collect(f)[0] AS latest
RETURN finding_id, latest.owner AS owner, latest.note AS note, toString(latest.noted_at) AS noted_at
ORDER BY finding_id
