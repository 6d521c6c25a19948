// What is held about one person: the identifiers that lead to them
// Answers: each identifier with its kind, value and evidence, and whether it leads to somebody else as well.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (c:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
WITH collect(DISTINCT self) AS selves
UNWIND selves AS self
MATCH (i:Identifier)-[shown:IDENTIFIES]->(self)
RETURN i {.*, evidence: properties(shown), of: self.customer_id,
                      shared: EXISTS { MATCH (i)-[:IDENTIFIES]->(other) WHERE NOT other IN selves }} AS properties
ORDER BY i.kind, i.value, self.customer_id, shown.evidence
