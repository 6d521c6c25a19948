// What a customer said about consent
// Answers: each word of the customer and of those who were merged into them: purpose, status (granted, withdrawn), since when,
// where it was said and when it was noted. Of each purpose the last row stands; of one instant a withdrawal does.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
:params {customer_id: 'customer-1'};
MATCH (:Customer {customer_id: $customer_id})<-[:MERGED_INTO*0..]-(:Customer|MergedCustomer)-[:GAVE]->(said:Consent)
RETURN DISTINCT said {.purpose, .status, .at, .source, .noted_at} AS properties
ORDER BY properties.purpose, properties.at, properties.status, properties.noted_at
