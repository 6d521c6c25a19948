// Give new touchpoints of merged customers to whom these were merged into
// Answers: how many customers were looked at and how many touchpoints moved. A load that names a merged customer makes a
// new one of that id, with what it learnt: all of that goes where it belongs, and the new one goes.
// Parameters:
//   $limit  integer: how many customers at once, e.g. 1000
:params {limit: 1000};
MATCH (merged:MergedCustomer)
MATCH (again:Customer|MergedCustomer {customer_id: merged.customer_id})
WHERE again <> merged OR EXISTS { (merged)-[:MADE]->() }
WITH merged, again LIMIT $limit
MATCH (merged)-[:MERGED_INTO*1..]->(root:Customer)
// Both are locked from here on.
SET root:Unthreaded, again:Unthreaded
WITH merged, again, root
CALL (merged, again) {
  MATCH (i:Identifier)-[new:IDENTIFIES]->(again)
  WHERE again <> merged
  OPTIONAL MATCH (i)-[old:IDENTIFIES {evidence: new.evidence}]->(merged)
  FOREACH (_ IN CASE WHEN old IS NULL THEN [1] ELSE [] END |
    CREATE (i)-[copy:IDENTIFIES]->(merged)
    SET copy = properties(new))
  FOREACH (_ IN CASE WHEN old.valid_from > new.valid_from THEN [1] ELSE [] END |
    SET old.valid_from = new.valid_from)
  FOREACH (_ IN CASE WHEN i.kind = 'anonymous_id' THEN [1] ELSE [] END |
    SET i:Unresolved)
}
CALL (again, root) {
  MATCH (again)-[made:MADE]->(t:Touchpoint|SetAside)
  DELETE made
  CREATE (root)-[:MADE]->(t)
  RETURN count(t) AS moved
}
REMOVE again:Unthreaded
FOREACH (_ IN CASE WHEN again <> merged THEN [1] ELSE [] END | DETACH DELETE again)
RETURN count(*) AS customers, sum(moved) AS moved
