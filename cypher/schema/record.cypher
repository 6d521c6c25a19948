// Write down that a migration was applied
// Answers: nothing; repeatable, so that two processes that migrate at once leave one record.
// Parameters:
//   $version   integer: the migration's number, e.g. 1
//   $name      text: the file's name, e.g. '0001_constraints'
//   $checksum  text: SHA-256 of its statements, e.g. 'e3b0c442'
:params {version: 1, name: '0001_constraints', checksum: 'e3b0c442'};
MERGE (m:Migration {version: $version})
ON CREATE SET m.name = $name, m.checksum = $checksum, m.applied_at = datetime()
