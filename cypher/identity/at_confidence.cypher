// How many customers, journeys and conversions there are
// Answers: customers with a journey, their journeys, how many of these converted, and how many were lost; of all, or as they
// would be if only merges of some confidence stood.
// Parameters:
// journeys {
MATCH (j:Journey)
WITH j {.customer_id, .outcome} AS journey
// } journeys
RETURN count(DISTINCT journey.customer_id) AS customers, count(*) AS journeys,
       count(CASE journey.outcome WHEN 'converted' THEN 1 END) AS converted,
       count(CASE journey.outcome WHEN 'lost' THEN 1 END) AS lost
