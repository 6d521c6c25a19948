// What the graph holds of one file
// Answers: the touchpoints that were read from the file with this digest, by whichever load, the sum of their values, the
// distinct customers and visitors as the file named them, and the first and last instant.
// Parameters:
//   $sha256  text: the file's digest, e.g. 'e3b0c442'
//   $name    text: the file's name: rows that came back out of quarantine know no more, e.g. 'clicks.csv'
:params {sha256: 'e3b0c442', name: 'clicks.csv'};
MATCH (f:File)
WHERE f.sha256 = $sha256 OR (f.protocol = 'replay' AND f.name = $name)
WITH collect([f.batch_id, f.number]) AS files
MATCH (t:Touchpoint|SetAside)
WHERE [t.batch_id, t.file_number] IN files
RETURN count(t) AS rows, sum(t.value) AS value, count(DISTINCT coalesce(t.known_customer_id, 'anonymous:' + t.anonymous_id)) AS customers,
       toString(min(t.occurred_at)) AS first_at, toString(max(t.occurred_at)) AS last_at
