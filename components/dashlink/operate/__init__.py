"""Operations on a stack: Pulumi's own, with what a killed run left handled before and after."""
