// What is held about one person: the merges that made one customer of several
// Answers: each merge that led to the customer, and those that were undone: of whom with whom, why, how sure that was, when.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(self:Customer|MergedCustomer)
MATCH (self)-[merged:MERGED_INTO|WAS_MERGED_INTO]-()
WITH DISTINCT merged
RETURN merged {.*, merged: startNode(merged).customer_id, into: endNode(merged).customer_id} AS properties
ORDER BY properties.merged_at, properties.merge_id
