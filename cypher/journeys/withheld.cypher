// How many customers are left out because they withdrew consent to analytics
// Answers: the customers of whom there are no journeys, and so no figure about journeys counts them.
// Parameters:
MATCH (c:Withheld)
RETURN count(c) AS customers
