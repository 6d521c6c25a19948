// Who is in a segment, by its definition
// Answers: the customers with a journey that meets the conditions, or who are on the list.
// Parameters:
//   $customer_ids  list of text or null: the list; null: all customers (of whom the conditions choose), e.g. ['anna']
:params {customer_ids: ['anna']};
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
WITH journey
WHERE $customer_ids IS NULL OR journey.customer_id IN $customer_ids
RETURN DISTINCT journey.customer_id AS customer_id
ORDER BY customer_id
