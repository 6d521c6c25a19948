// Store what a table says of campaigns: properties of theirs, whether a touchpoint came from them or not
// Answers: of how many campaigns anything is new.
// Parameters:
//   $rows  list of lists: the campaign and its properties, a map whose keys begin with p_; no campaign twice (what follows is empty)
:params {rows: [['spring', {p_kind: 'mailing'}, null, []]]};
UNWIND $rows AS row
OPTIONAL MATCH (known:Campaign {name: row[0]})
WITH row, known IS NULL OR any(name IN keys(row[1]) WHERE known[name] IS NULL OR known[name] <> row[1][name]) AS new
MERGE (k:Campaign {name: row[0]})
SET k += row[1], k.described = true
RETURN count(CASE WHEN new THEN 1 END) AS new
