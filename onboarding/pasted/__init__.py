"""What people paste into a box: what it is, what stands in it, and what terminals and chats put around it."""
