// Store what a table says of customers: properties of theirs, which analyses of touchpoints leave alone
// Answers: of how many customers anything is new; a customer who made no touchpoint (yet) is one too.
// Parameters:
//   $rows  list of lists: customer_id and properties, a map whose keys begin with p_; no customer twice (what follows is empty)
:params {rows: [['anna', {p_household_size: '4'}, null, []]]};
UNWIND $rows AS row
OPTIONAL MATCH (known:Customer {customer_id: row[0]})
// What was corrected by hand stays.
WITH row, known, [name IN keys(row[1]) WHERE NOT name IN coalesce(known.corrected, [])] AS told
WITH row, told, known IS NULL OR any(name IN told WHERE known[name] IS NULL OR known[name] <> row[1][name]) AS new
MERGE (c:Customer {customer_id: row[0]})
ON CREATE SET c.anonymous = false
FOREACH (name IN told | SET c[name] = row[1][name])
RETURN count(CASE WHEN new THEN 1 END) AS new
