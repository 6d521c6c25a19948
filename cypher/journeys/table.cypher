// Every journey as one row
// Answers: each journey with its customer, outcome and value, and its steps, channels and instants (microseconds since
// 1970, UTC) in the customer's order; and its group where groups were asked for. Every analysis of the product reads this table.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
RETURN journey.journey_id AS id, journey.customer_id AS customer_id, journey.outcome AS outcome,
       journey.value AS value, journey.steps AS steps, journey.channels AS channels,
       journey.occurred_at_us AS occurred_at_us, journey.group AS group
