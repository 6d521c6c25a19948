// Which rows have the id of a touchpoint that is another one
// Answers: a row for each of them, in order: its place, and the touchpoint that has the id. Another one is what happened at
// another instant, or to another customer or visitor where both rows name one; the rest are duplicates.
// Parameters:
//   $rows  list of lists: place, touchpoint_id, occurred_at_us, known_customer_id, anonymous_id (the last two may be null)
:params {rows: [[0, 't1', 1767225600000000, 'anna', null]]};
UNWIND $rows AS row
MATCH (t:Touchpoint|SetAside {touchpoint_id: row[1]})
WHERE t.occurred_at_us <> row[2] OR t.known_customer_id <> row[3] OR t.anonymous_id <> row[4]
RETURN row[0] AS place, t.source AS source, t.occurred_at_us AS occurred_at_us,
       t.known_customer_id AS customer_id, t.anonymous_id AS anonymous_id
ORDER BY place
