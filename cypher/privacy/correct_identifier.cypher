// Correct an e-mail address or a telephone number of a customer
// Answers: how many places led from the former one to the customer. It leads to nobody else's either where it was this customer's
// alone, and is removed then; visits under either are decided anew.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $kind  text: 'email' or 'phone'
//   $former  text: as it was, e.g. 'ana@example.org'
//   $value  text: as it is, e.g. 'anna@example.org'
:params {customer_id: 'customer-1', kind: 'email', former: 'ana@example.org', value: 'anna@example.org'};
MATCH (:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
MATCH (i:Identifier {kind: $kind, value: $former})-[shown:IDENTIFIES]->(self)
MERGE (fresh:Identifier {kind: $kind, value: $value})
MERGE (fresh)-[now:IDENTIFIES {evidence: shown.evidence}]->(self)
SET now += properties(shown), fresh:Unresolved, i:Unresolved
DELETE shown
WITH i, count(*) AS corrected
CALL (i) {
  WITH i
  WHERE NOT EXISTS { (i)-[:IDENTIFIES]->() }
  DETACH DELETE i
}
RETURN corrected
