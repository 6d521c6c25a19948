// State of the graph
// Answers: a number that grows with every change of the journeys; the same number means the same figures.
// Parameters:
MATCH (c:Configuration {name: 'journeys'})
RETURN c.revision AS revision
