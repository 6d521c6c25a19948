// Give anonymous touchpoints to the customer whom their anonymous id leads to
// Answers: how many identifiers were looked at and how many touchpoints moved. An anonymous id that was seen with exactly
// one customer leads there, any other to the customer 'anonymous:<id>' (or whom these were merged into); customers who
// gain or lose touchpoints are marked.
// Parameters:
//   $limit  integer: how many identifiers at once, e.g. 5000
:params {limit: 5000};
MATCH (i:Identifier:Unresolved)
WITH i LIMIT $limit
// The removal locks the identifier, so its customers cannot change until this transaction ends.
REMOVE i:Unresolved
WITH i
CALL (i) {
  WITH i WHERE i.kind = 'anonymous_id'
  OPTIONAL MATCH (i)-[:IDENTIFIES]->(known:Customer|MergedCustomer {anonymous: false})-[:MERGED_INTO*0..]->(owner:Customer)
  WITH i, collect(DISTINCT owner.customer_id) AS owners, 'anonymous:' + i.value AS visitor, i.leads_to AS before
  OPTIONAL MATCH (:MergedCustomer {customer_id: visitor})-[:MERGED_INTO*1..]->(person:Customer)
  WITH i, owners, coalesce(person.customer_id, visitor) AS visitor, before
  WITH i, visitor, before, CASE size(owners) WHEN 1 THEN owners[0] ELSE visitor END AS target
  SET i.leads_to = target
  WITH i, target, [source IN [visitor] + CASE WHEN before <> visitor THEN [before] ELSE [] END WHERE source <> target] AS sources
  UNWIND sources AS source_id
  MATCH (source:Customer {customer_id: source_id})
  WHERE EXISTS {
    MATCH (source)-[:MADE]->(t:Touchpoint|SetAside {anonymous_id: i.value})
    WHERE t.known_customer_id IS NULL
  }
  // Whoever loses touchpoints loses all that was built of them, and is threaded anew.
  CALL (source) {
    MATCH (source)-[:MADE]->(:Touchpoint)-[next:NEXT]->()
    DELETE next
  }
  CALL (source) {
    MATCH (s:Session {customer_id: source.customer_id})
    DETACH DELETE s
  }
  CALL (source) {
    MATCH (source)-[:HAD]->(j:Journey)
    DETACH DELETE j
  }
  MATCH (source)-[made:MADE]->(t:Touchpoint|SetAside {anonymous_id: i.value})
  WHERE t.known_customer_id IS NULL
  MERGE (owner:Customer {customer_id: target})
    ON CREATE SET owner.anonymous = true
  SET owner:Unthreaded, source:Unthreaded
  DELETE made
  CREATE (owner)-[:MADE]->(t)
  WITH source, count(*) AS moved
  CALL (source) {
    WITH source WHERE source.anonymous AND NOT EXISTS { (source)-[:MADE]->() }
    DETACH DELETE source
  }
  RETURN sum(moved) AS moved
}
RETURN count(*) AS identifiers, sum(moved) AS moved
