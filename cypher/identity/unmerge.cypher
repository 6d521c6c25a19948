// Undo a merge
// Answers: the customers, and how many touchpoints went back. The merged customer is one again, with all that had been
// merged into it before; touchpoints go back to whom they named. Unless it is to be forgotten, the merge stays on
// record as undone, so that no run makes it again.
// Parameters:
//   $merge_id  text: the merge, e.g. 'm-1'
//   $at  instant: now, e.g. datetime('2026-01-31T12:00:00Z')
//   $forget  boolean: whether to leave no record
:params {merge_id: 'm-1', at: datetime('2026-01-31T12:00:00Z'), forget: false};
MATCH (b:MergedCustomer)-[merged:MERGED_INTO {merge_id: $merge_id}]->(a)
// All that leads through this merge: the merged customer and those merged into it before.
MATCH (b)-[:MERGED_INTO*1..]->(root:Customer)
SET root:Unthreaded
WITH a, b, merged, root, properties(merged) AS told,
     COLLECT { MATCH (member:MergedCustomer)-[:MERGED_INTO*0..]->(b) RETURN member.customer_id } AS members
CALL (root) {
  MATCH (root)-[:MADE]->(:Touchpoint)-[next:NEXT]->()
  DELETE next
}
CALL (root) {
  MATCH (s:Session {customer_id: root.customer_id})
  DETACH DELETE s
}
CALL (root) {
  MATCH (root)-[:HAD]->(j:Journey)
  DETACH DELETE j
}
CALL (root) {
  MATCH (i:Identifier {kind: 'anonymous_id'})-[:IDENTIFIES]->(:Customer|MergedCustomer)-[:MERGED_INTO*0..]->(root)
  SET i:Unresolved
}
DELETE merged
REMOVE b:MergedCustomer
SET b:Customer:Unthreaded
FOREACH (_ IN CASE WHEN $forget THEN [] ELSE [1] END |
  CREATE (b)-[undone:WAS_MERGED_INTO]->(a)
  SET undone = told, undone.undone_at = $at)
WITH a, b, root, members
CALL (b) {
  MATCH (alias:Identifier {kind: 'customer_id', value: b.customer_id})-[led:IDENTIFIES {merge_id: $merge_id}]->()
  DELETE led
  WITH DISTINCT alias
  WHERE NOT EXISTS { (alias)-[:IDENTIFIES]->() }
  DETACH DELETE alias
}
CALL (b, root, members) {
  MATCH (root)-[made:MADE]->(t:Touchpoint|SetAside)
  WHERE coalesce(t.known_customer_id, 'anonymous:' + t.anonymous_id) IN members
  DELETE made
  CREATE (b)-[:MADE]->(t)
  WITH b, t
  OPTIONAL MATCH (i:Identifier {kind: 'anonymous_id', value: t.anonymous_id})
  WHERE t.known_customer_id IS NULL
  FOREACH (visitor IN CASE WHEN i IS NULL THEN [] ELSE [i] END |
    SET visitor:Unresolved, visitor.leads_to = b.customer_id)
  RETURN count(DISTINCT t) AS moved
}
RETURN a.customer_id AS kept, b.customer_id AS restored, root.customer_id AS lost_by, moved
