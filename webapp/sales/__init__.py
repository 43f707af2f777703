"""The pages of sales: the pipeline, one sale, what is done to it, and its figures."""
