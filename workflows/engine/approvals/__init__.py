"""What approving needs besides one decision by one person: several signers, opinions, handing over, ways back."""
