"""Code lists, rules of « aiguillage », capacity and hours of structures."""
