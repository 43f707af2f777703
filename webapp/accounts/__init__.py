"""Who is signed in, how they sign in, and what is their own: profile, holiday cover, tokens."""
