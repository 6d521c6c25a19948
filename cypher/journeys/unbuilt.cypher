// How many customers have journeys that are still to be built
// Answers: customers whose touchpoints are in no figure about journeys yet; once loads have ended there are none.
// Parameters:
MATCH (c:Unthreaded)
RETURN count(c) AS customers
