// Write down the files of a load
// Answers: nothing; a file is written down when its load begins, and its counts when it ends.
// Parameters:
//   $batch_id  text: the load, e.g. '01f0'
//   $rows  list of maps: number (place among the load's files, from 0) and properties: name, sha256, protocol, format,
//          mapping, mapping_version, source, sources, contract_version, received, stored, duplicate, quarantined
:params {batch_id: '01f0', rows: [{number: 0, properties: {name: 'clicks.csv', received: 3, stored: 2, duplicate: 1, quarantined: 0}}]};
UNWIND $rows AS row
MATCH (l:Load {batch_id: $batch_id})
MERGE (f:File {batch_id: $batch_id, number: row.number})
SET f += row.properties
MERGE (l)-[:READ]->(f)
