// State of the graph
// Answers: a number that grows with every change of the journeys or of who is in a segment; the same number means the
// same figures.
// Parameters:
MATCH (c:Configuration {name: 'journeys'})
RETURN c.revision + coalesce(c.segments_revision, 0) AS revision
