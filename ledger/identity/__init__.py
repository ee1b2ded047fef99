"""Who a client is to the eye: a name and a face, sealed with the client's key; made up where a demo has nobody real."""
