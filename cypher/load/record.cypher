// Write down a load: what was read and what became of it
// Answers: nothing; a load without finished_at was interrupted, and the same command completes it.
// Parameters:
//   $batch_id  text: the load, e.g. '01f0'
//   $properties  map: started_at, finished_at, files, sha256, mapping, received, stored, duplicate, quarantined
:params {batch_id: '01f0', properties: {received: 3, stored: 2, duplicate: 1, quarantined: 0}};
MERGE (l:Load {batch_id: $batch_id})
SET l += $properties
