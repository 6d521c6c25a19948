// How much the graph holds
// Answers: the number of customers and of touchpoints.
// Parameters:
RETURN COUNT { (:Customer) } AS customers, COUNT { (:Touchpoint) } AS touchpoints
