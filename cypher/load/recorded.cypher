// What became of a load
// Answers: the counts of a finished load and the digest of what it was sent; no row where there is none of that id.
// Parameters:
//   $batch_id  text: the load, e.g. '01f0'
:params {batch_id: '01f0'};
MATCH (l:Load {batch_id: $batch_id})
WHERE l.finished_at IS NOT NULL
RETURN l.received AS received, l.stored AS stored, l.duplicate AS duplicate, l.quarantined AS quarantined,
       l.sha256 AS sha256
