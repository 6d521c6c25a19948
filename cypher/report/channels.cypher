// Where customers were met
// Answers: for each channel its touchpoints, the journeys and the customers that it met.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.journey_id, .customer_id, .outcome, .value, .steps, .channels, .occurred_at_us} AS journey
// } journeys
UNWIND journey.channels AS channel
WITH channel, journey.customer_id AS customer_id, journey.journey_id AS journey_id, count(*) AS met
RETURN channel, sum(met) AS touchpoints, count(*) AS journeys, count(DISTINCT customer_id) AS customers
ORDER BY touchpoints DESC, channel
